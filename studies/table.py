"The table of a study: a CSV file that grows by rows, so that an interrupted study goes on where it was"
import csv

def read(file):
    "Its rows, each a dict of strings; none while there is no file"
    if not file.exists(): return []
    with file.open(newline='', encoding='utf-8') as f: return list(csv.DictReader(f))

def append(file, rows, fields=None):
    "Add rows, dicts; the header, `fields` or the keys of the first row, comes with the first ones"
    fresh = not file.exists()
    with file.open('a', newline='', encoding='utf-8') as f:
        writer = csv.DictWriter(f, fields or list(rows[0]), lineterminator='\n')
        if fresh: writer.writeheader()
        writer.writerows(rows)
