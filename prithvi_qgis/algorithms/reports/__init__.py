"""HTML reports with pictures and charts, and the small files that algorithms write themselves."""
