"""Click commands that join `salbench` by entry point; their modules import only click at the top."""
