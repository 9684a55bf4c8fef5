"The scripts of the site and of the notebook's drawing pad: Node can read each of them"
import shutil, subprocess
from importlib import import_module
import pytest
from conftest import ROOT

SCRIPTS = [ROOT/'eslint.config.mjs', *sorted((ROOT/'docs').rglob('*.js')),
           *sorted((ROOT/'mnist_fundamentals').rglob('*.js'))]
pytestmark = pytest.mark.skipif(shutil.which('node') is None,
                                reason='needs Node.js: apt-get install nodejs')

def check(path):
    done = subprocess.run(['node', '--check', path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

def test_the_scripts_are_found():
    assert {'draw.js', 'pad.js', 'answers.js', 'explorers.js'} <= {path.name for path in SCRIPTS}

@pytest.mark.parametrize('path', SCRIPTS, ids=lambda path: path.name)
def test_script_is_sound(path): check(path)

@pytest.mark.parametrize('name, widget', [('pad', 'DrawPad'), ('answers', 'AnswerSheet')])
def test_the_widgets_script_is_a_sound_module(name, widget, tmp_path):
    module = tmp_path/f'{name}.mjs'
    module.write_text(getattr(import_module(f'mnist_fundamentals.book.{name}'), widget)._esm, encoding='utf-8')
    check(module)
