"""The parts of the HTML page: charts as SVG, tables, text, by the standard library."""
