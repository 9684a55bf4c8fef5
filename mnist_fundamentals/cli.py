"""The command `mnist-fundamentals`: run, open or copy the notebooks, draw a digit, use a net, check the set-up"""
import argparse, os, sys
from importlib import import_module
from .book.console import Problem, one_line, package_version, say

def positive(text):
    "A number from 1 up, for argparse"
    if (n := int(text)) < 1: raise ValueError
    return n

def digits(text):
    "Two or more digits, such as '3,7', for argparse"
    found = [int(part) for part in text.split(',')]
    if len(found) < 2 or len({*found}) < len(found) or not {*found} <= {*range(10)}: raise ValueError
    return found

def parser():
    "The command line; each command is a function of its arguments in a module of `book`"
    p = argparse.ArgumentParser('mnist-fundamentals', description=__doc__.partition(': ')[2])
    p.add_argument('--version', action='version', version=f'%(prog)s {package_version()}')
    commands = p.add_subparsers(title='commands', metavar='COMMAND', required=True)
    def command(name, module, function, text):
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(module=module, function=function)
        return sub
    sub = command('run', 'run', 'run', 'execute the notebooks; write their pages and results.json')
    sub.add_argument('--device', choices=['cpu', 'cuda'], help='default: CUDA where there is one')
    sub.add_argument('--only', metavar='NUMBERS', help='some chapters, such as 00,05')
    sub.add_argument('--out', metavar='DIR', default='results', help='default: results')
    sub.add_argument('--jobs', metavar='N', type=positive, default=min(2, os.cpu_count() or 1),
                     help='notebooks at a time, default: %(default)s; times are longer with more')
    command('lab', 'notebooks', 'lab',
            'open JupyterLab on the notebooks; when they are installed, on a copy')
    sub = command('notebooks', 'notebooks', 'notebooks',
                  'copy the notebooks to a folder: all of them, or none where that would undo a change')
    sub.add_argument('dest', metavar='DEST', help='a folder, made if need be')
    sub.add_argument('--force', action='store_true', help='overwrite files that differ')
    sub.add_argument('--for-students', action='store_true', help='leave out solutions, answers and hidden tests')
    sub = command('progress', 'progress', 'progress',
                  'tell from saved outputs, without running anything, which exercises are done')
    sub.add_argument('folder', metavar='FOLDER', help='a folder with notebooks, in it or below')
    sub = command('grade', 'grade', 'grade', 'run the notebooks of a class, judge their exercises, write a table. '
                  'This runs the code of others with your rights: do it where there is nothing to lose, such as '
                  'a container without a network')
    sub.add_argument('folder', metavar='FOLDER', help='a folder with notebooks, in it or below; its folders are the names')
    sub.add_argument('--out', metavar='FILE', default='grades.csv', help='default: %(default)s')
    sub.add_argument('--force', action='store_true', help='overwrite FILE')
    sub.add_argument('--seconds', metavar='N', type=positive, default=900, help='for one notebook, default: %(default)s')
    sub.add_argument('--jobs', metavar='N', type=positive, default=min(2, os.cpu_count() or 1),
                     help='notebooks at a time, default: %(default)s')
    sub = command('predict', 'predict', 'predict_files',
                  'tell for each image which digit it is, and how sure that is')
    sub.add_argument('image', nargs='+', metavar='IMAGE', help='a handwritten digit')
    sub.add_argument('--digits', type=digits, default=range(10), help='ask only between these, such as 3,7')
    sub.add_argument('--json', action='store_true', help='a list of path, digit, sure (0 to 1), doubtful (null or why)')
    sub = command('draw', 'draw_page', 'draw',
                  'draw a digit in the browser, and see what each model says and why')
    sub.add_argument('--port', type=int, help='default: a free one')
    sub.add_argument('--no-browser', action='store_true', help='serve the page, and open no window')
    command('doctor', 'doctor', 'doctor', 'check the set-up; print what is wrong and what to do')
    return p

def main(argv=None) -> int:
    "Run one command; the exit code is 0, 1 for an error, 130 for Ctrl-C"
    args = parser().parse_args(argv)
    try: return getattr(import_module(f'.book.{args.module}', __package__), args.function)(args)
    except KeyboardInterrupt: return say('\nInterrupted') or 130
    except (Problem, OSError) as error: return say(f'mnist-fundamentals: {one_line(error)}') or 1

if __name__ == '__main__': sys.exit(main())
