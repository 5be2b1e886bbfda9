"""The dashboard over the reports: a marimo app, and the same pages as one HTML file.

Pages (portfolio, event, compare, pace, follow-up, people, health) are functions from filtered
events to HTML; the caller passes the function that draws a chart. They read the reports through
dlt's dataset, which works with any destination.
"""
