"""What is trained and measured outside the pipeline, so that the pipeline can ship it.

Here: the starter model for Burmese to English, from nothing (`training/requirements.txt`), and the cut from which speech
recognition is reliable (speech_thresholds).
Not here: anything that the pipeline imports. What both need lives in `iimm_pipelines.stages.model_text`.
"""
