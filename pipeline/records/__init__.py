"""The values that flow through the pipeline: frozen, plain, standard library only.

What `sources` hand over arrives as `messages` and `tickets`. `inquiries`, `threads` and `organisations` are what it means,
`decisions` what was concluded and why. `work`, `lives`, `outcomes` and `labels` are what people do with it and say of it;
`answers` and `effects`, what they do by mail. `marks`, `writebacks`, `publications` and `weeks` go out. `retags` and
`keeping` deal with what was decided long ago; `keys`, `jobs`, `status` and `logs` with the program itself.
"""
