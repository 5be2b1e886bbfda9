"""The dashboard over the reports: a marimo app, and the same pages as one HTML file.

Pages (portfolio, event, people, health) are functions from a selection of events to HTML; whoever
calls them says how a chart is drawn. They read the reports through dlt's dataset, so any
destination will do.
"""
