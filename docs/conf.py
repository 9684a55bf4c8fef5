"Sphinx's settings for the site; tools/docs.py gathers the pages and calls Sphinx"
import sys
from pathlib import Path
from latex2mathml.converter import convert
from docutils.nodes import SkipNode

sys.path.insert(0, str(Path(__file__).parents[1]/'tools'))
from badges import settings

cfg = settings()
project, author, version = cfg['repo'], cfg['author'], cfg['version']
repository = f"https://github.com/{cfg['user']}/{cfg['repo']}"

extensions = ['myst_nb', 'sphinx_copybutton']
exclude_patterns = ['notebooks']
nb_execution_mode = 'off'          # the committed outputs are shown; make outputs-check checks them
myst_enable_extensions = ['attrs_block', 'dollarmath']
myst_heading_anchors = 3
suppress_warnings = ['mystnb.unknown_mime_type']   # a result's JSON, shown as text

html_theme = 'pydata_sphinx_theme'
html_title = project
shared = [f'../mnist_fundamentals/book/{name}.{kind}'   # the notebook's
          for name in ('pad', 'answers') for kind in ('js', 'css')]
html_static_path, templates_path = ['_static', *shared], ['_templates']
html_css_files, html_favicon = ['pad.css', 'answers.css', 'book.css'], '_static/favicon.svg'
html_context = dict(default_mode='auto')
smartquotes = False
html_sidebars = {'**': ['chapters.html']}
html_show_sourcelink = html_copy_source = False
html_theme_options = dict(
    icon_links=[dict(name='GitHub', url=repository, icon='fa-brands fa-github')],
    navbar_center=[], navbar_end=['theme-switcher', 'navbar-icon-links'],
    article_header_start=[], secondary_sidebar_items=['page-toc'],
    footer_start=['copyright'], footer_end=[], search_bar_text='Search the book')
copyright = f'{author}. Code and text: {cfg["license"]}. MNIST: CC BY-SA 3.0'

def mathml(display):
    "A visitor that writes a formula as MathML: browsers draw it, with no script and no fonts"
    def visit(self, node):
        self.body.append(convert(node.astext(), display=display))
        raise SkipNode
    return visit, None

def setup(app): app.add_html_math_renderer('mathml', mathml('inline'), mathml('block'))
