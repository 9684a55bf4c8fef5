"""Would nbdev-clean or nbdev-export change anything? Exit 1 with the difference if so.

    python tools/check.py

They run on a copy, so uncommitted work is compared as it is, and nothing is rewritten.
"""
import difflib, shutil, subprocess, sys, tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = ['nbs', 'mnist_fundamentals', 'pyproject.toml', 'settings.ini']
OTHER = shutil.ignore_patterns('__pycache__', '.*', '*.npz')

def copy_parts(dest):
    for part in PARTS:
        if (ROOT/part).is_dir(): shutil.copytree(ROOT/part, dest/part, ignore=OTHER)
        else: shutil.copyfile(ROOT/part, dest/part)

def snapshot(folder):
    "Name to text of every file that the commands may write"
    return {p.relative_to(folder).as_posix(): p.read_text(encoding='utf-8')
            for p in sorted(folder.rglob('*'))
            if p.suffix in ('.ipynb', '.py') and not p.name.startswith('.')}

def difference(name, before, after):
    return ''.join(difflib.unified_diff(before.splitlines(True), after.splitlines(True), name,
                                        f'{name} (cleaned, exported)', n=1))

def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        copy_parts(folder)
        before = snapshot(folder)
        for command in 'nbdev-clean', 'nbdev-export':
            subprocess.run([Path(sys.executable).with_name(command)], cwd=folder, check=True)
        after = snapshot(folder)
    changed = [name for name in sorted(before | after) if before.get(name) != after.get(name)]
    for name in changed: print(difference(name, before.get(name, ''), after.get(name, ''))[:1000])
    if changed:
        sys.exit(f'Not clean or not exported: {", ".join(changed)}; '
                 'run nbdev-export and nbdev-clean')
    print(f'{len(after)} notebooks and modules: clean and exported')

if __name__ == '__main__': main()
