"""The audit of a batch, and its renderings: report.json for programs, report.html for people."""
