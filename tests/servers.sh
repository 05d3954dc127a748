#!/bin/sh
# Installs the servers that the tests use, where that can be done: on Debian, as root. Elsewhere it says what is missing.
set -eu
PATH="$PATH:/usr/sbin:/usr/local/sbin"
missing=""
command -v dovecot >/dev/null 2>&1 || missing="$missing dovecot-imapd"
[ -e /usr/share/mediawiki/api.php ] && command -v php >/dev/null 2>&1 ||
    missing="$missing mediawiki php-cli php-sqlite3 php-mbstring php-xml php-intl"
command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql-15"
# Checks the HTML of digests and pages.
command -v tidy >/dev/null 2>&1 || missing="$missing tidy"
# systemd-analyze looks at the unit of the service.
command -v systemd-analyze >/dev/null 2>&1 || missing="$missing systemd"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing for the tests:$missing"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "Tests against these servers will be skipped; on Debian: apt-get install$missing"
fi
