"""Draw charts in a process of their own, which takes the memory of drawing with it when it ends."""

from __future__ import annotations

import logging
import pickle  # nosec B403 # what a child of our own, with data of our own, sends
import subprocess  # nosec B404 # no shell, our own program
import sys
from typing import TYPE_CHECKING

from pipeline.adapters.children import environment

if TYPE_CHECKING:
    from pipeline.digest.figures import Figures
    from pipeline.digest.render import Image

_SECONDS = 120.0


def draw(figures: Figures, locale: str) -> tuple[Image, ...]:
    """Draw what there is to draw of a week.

    Returns
    -------
    tuple[Image, ...]
        The charts; none if the process fails: a summary without pictures is better than none.
    """
    try:
        done = subprocess.run(  # nosec B603 # our own interpreter and module, no shell
            [sys.executable, "-P", "-m", "pipeline.adapters.drawing.child"],
            input=pickle.dumps((figures, locale)),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment("MPLCONFIGDIR", "HOME", "TMPDIR"),
            timeout=_SECONDS,
            check=True,
            process_group=0,  # Ctrl-C is for the parent
        )
        drawn: tuple[Image, ...] = pickle.loads(done.stdout)  # noqa: S301 - from our own child  # nosec B301 # from a child of our own
    except (OSError, subprocess.SubprocessError, pickle.UnpicklingError, EOFError) as error:
        logging.getLogger(__name__).warning("charts cannot be drawn: %s", type(error).__name__)
        return ()
    return drawn
