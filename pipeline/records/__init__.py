"""The values that flow through the pipeline: frozen, plain, standard library only.

`messages` is what arrives, `inquiries` what it means, `decisions` what was concluded and why,
`work` what people do with it.
"""
