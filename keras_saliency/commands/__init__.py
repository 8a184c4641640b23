"""Click commands that join `salbench`; their modules import only click at the top."""
