"How sure is sure: the pictures of chapter 12"
import matplotlib.pyplot as plt

def draw_reliability(ax, sure, right, title='', bins=10):   # float [n], 0..1; bool [n]
    "A dot for each step of trust: how sure on average, how often right; the larger, the more pictures"
    step = (sure*bins).ceil().clamp(1, bins)
    groups = [(sure[step == k], right[step == k].float()) for k in range(1, bins + 1) if (step == k).any()]
    ax.plot([0, 1], [0, 1], ls='--', color='grey')
    ax.scatter([s.mean() for s, _ in groups], [r.mean() for _, r in groups], [20 + 200*len(s)/len(sure) for s, _ in groups])
    ax.set(xlabel='how sure', ylabel='share that is right', title=title, xlim=(0, 1.05), ylim=(0, 1.05))

def draw_likeness(like, limit):   # kind of picture to its likeness, float [n]; a dashed line there
    "A box a kind: half of its pictures lie in the box, all but 2% between the whiskers"
    _, ax = plt.subplots(figsize=(7, 2.6))
    ax.boxplot([v.numpy() for v in like.values()], orientation='horizontal', whis=(1, 99), showfliers=False)
    ax.set_yticks(range(1, len(like) + 1), list(like))
    ax.axvline(limit, color='grey', ls='--')
    ax.set(xlabel='likeness')
    ax.invert_yaxis()
