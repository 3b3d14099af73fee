"""Networks of other programs, taken over as bundles: rebuilt by ourselves, checked against the original, never trusted.

A file of weights is data, and is read as data. What is a program (a pickle that names functions, TorchScript) is
refused, by name of the flag that would allow it, before anything of it runs.
"""
