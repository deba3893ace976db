"""What makes numbers of one release differ from another's; both are raised by hand."""

#: Whenever reading, tracking or the choice of the athlete changes what comes out.
PIPELINE_VERSION = 4
#: Whenever the analysis of the same poses does.
ANALYSIS_VERSION = "9"
