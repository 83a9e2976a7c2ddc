"""Trains the starter model for Burmese to English from nothing.

Here: synthetic pairs, data splits, the network, training, conversion, scores. Needs `training/requirements.txt`.
Not here: anything that the pipeline imports. What both need lives in `iimm_pipelines.stages.model_text`.
"""
