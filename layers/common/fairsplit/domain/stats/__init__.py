"""Statistics of experiments, from additive sums alone and on the standard library alone.

`kernel` has the distributions, `sample` the sums of one variant, `means` the difference of two, `lift` its ratio to the
control, `comparison` all of it together; `srm` judges the split, `correction` many comparisons at once.
"""
