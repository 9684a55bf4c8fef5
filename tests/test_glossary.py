"The glossary explains every term that the book sets in bold, and its links lead where they say"
import re, sys, pytest
from conftest import ROOT, read_cells

sys.path.insert(0, str(ROOT/'tools'))
import docs, glossary

ENTRIES = glossary.entries()
ASKED = ('activation, parameter, axis and dimension, rank, scalar, vector, matrix, nonlinearity, ReLU, mini-batch, '
         'forward pass, loss, gradient, backward pass, gradient descent, learning rate').split(', ')
NOTEBOOKS = sorted((ROOT/'nbs').glob('*.ipynb'))

def links(text): return re.findall(r'\]\((\w+\.ipynb|)#([^)]+)\)', text)

def lab(heading):
    "JupyterLab's anchor of a heading"
    return re.sub(r'[`*]', '', heading).replace(' ', '-')

def test_every_term_in_bold_has_an_entry():
    assert glossary.missing() == [], 'python tools/glossary.py lists them; a stressed word goes to its list STRESSED'

def test_a_term_without_an_entry_is_found(monkeypatch):
    known = {k: name for k, name in glossary.terms().items() if name != 'sigmoid'}
    monkeypatch.setattr(glossary, 'terms', lambda: known)
    assert [(term, stem) for term, stem, _ in glossary.missing()] == [('sigmoid', '05_linear_classifier')]

def test_what_counts_as_a_term():
    text = '**One** and **two**, `x**2` times `y**2`. **No term.**\n\n> **A note** says **three**\n\n**05.1** do\n\n```\n**code**\n```'
    assert [match[2] for match in glossary.bold(text)] == ['One', 'two', 'three']
    assert glossary.STRESSED == {word.lower() for word in glossary.STRESSED}

def test_there_are_enough_each_once_and_in_order():
    assert set(ASKED) <= set(ENTRIES) and len(ASKED) == 16 and len(ENTRIES) >= 60
    assert list(ENTRIES) == sorted(ENTRIES, key=str.lower)
    named = [k for name, text in ENTRIES.items() for k in glossary.names(name, text)]
    assert len(set(named)) == len(named), 'two entries explain the same word'
    letters = [h for h in glossary.headings(glossary.GLOSSARY)[1:] if h not in ENTRIES]
    assert letters == sorted({name[0].upper() for name in ENTRIES})

@pytest.mark.parametrize('name', ENTRIES)
def test_an_entry_is_short_and_leads_to_where_its_term_comes_first(name):
    text = ENTRIES[name]
    assert text == glossary.linked(name, text), 'python tools/glossary.py sets the links'
    said = re.sub(r'\([^()]*\)|\]\([^)]*\)', '', glossary.LINK.sub('', text))
    assert 5 <= len(said.split()) and len(re.findall(r'[.?](?= |$)', said)) <= 4, said

@pytest.mark.parametrize('path', NOTEBOOKS, ids=lambda p: p.stem)
def test_links_to_sections_land(path):
    "In JupyterLab, and on the site after its rewriting, where the terms in bold lead back"
    headings = {p.name: glossary.headings(p) for p in NOTEBOOKS} | {'': glossary.headings(path)}
    entries = {} if path.stem in ('index', 'glossary') else glossary.terms()
    for cell in read_cells(path):
        if cell['cell_type'] != 'markdown': continue
        source = glossary.blank(cell['source'])
        for file, anchor in links(source): assert list(map(lab, headings[file])).count(anchor) == 1, (cell['id'], anchor)
        for file, anchor in links(docs.prose(docs.with_terms(source, entries), path.stem)):
            assert list(map(docs.slug, headings[file])).count(anchor) == 1, (cell['id'], anchor)

def test_slugs_are_those_of_the_site():
    slugify = pytest.importorskip('myst_parser.mdit_to_docutils.base').default_slugify
    for path in NOTEBOOKS:
        for heading in glossary.headings(path):
            assert docs.slug(heading) == docs.slug(lab(heading)) == slugify(heading.replace('`', ''))

def test_the_first_use_on_a_page_leads_back():
    entries = glossary.terms()
    text = docs.with_terms('A **unit**, **Units** and `a**b`.', entries)
    assert text == 'A [**unit**](glossary.ipynb#unit), **Units** and `a**b`.' and 'unit' not in entries
    assert docs.with_terms('**unit**', entries) == '**unit**'
    assert docs.with_terms('**activation function**', entries) == '[**activation function**](glossary.ipynb#nonlinearity)'
