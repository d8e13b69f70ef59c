"""Gradio, brought in so that it asks nothing of anybody outside this machine.

The only place that imports it. Gradio reads these variables when it is imported and when a page
is built: usage reports, the look for a newer version, and statistics that are made anew after each event.
"""

import os

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = "1000000000"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

import gradio as gr

__all__ = ["gr"]
