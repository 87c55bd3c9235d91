"""What a person sees of benchmark results: tables, CSV, pictures, and a page of HTML."""

from larq_bvit.bench.report.csv_table import to_csv
from larq_bvit.bench.report.figures import to_png
from larq_bvit.bench.report.html import to_html
from larq_bvit.bench.report.tables import to_terminal

__all__ = ["to_csv", "to_html", "to_png", "to_terminal"]
