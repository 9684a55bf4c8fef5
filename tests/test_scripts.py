"The scripts of the site and of the notebook's drawing pad: Node can read each of them"
import shutil, subprocess
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
    assert {'draw.js', 'pad.js', 'explorers.js'} <= {path.name for path in SCRIPTS}

@pytest.mark.parametrize('path', SCRIPTS, ids=lambda path: path.name)
def test_script_is_sound(path): check(path)

def test_the_widgets_script_is_a_sound_module(tmp_path):
    from mnist_fundamentals.book.pad import DrawPad
    module = tmp_path/'pad.mjs'
    module.write_text(DrawPad._esm, encoding='utf-8')
    check(module)
