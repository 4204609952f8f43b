"""Words that carry a question and no subject.

Kept short: the weight of a term already falls with the number of texts that have it, so only words that
questions are full of and policies are not are worth naming. Simplified characters, lower case.
"""

_CHINESE = """
的 了 吗 呢 吧 啊 呀 么 嘛 哦 呗 是 在 有 和 与 或 及 就 都 也 还 又 把 被 给 对 从 向 让 请 请问 想 要 会 能 可 可以
能否 是否 我 我们 你 你们 您 他 她 它 他们 这 那 这个 那个 这些 那些 哪 哪个 哪些 哪里 哪儿 什么 怎么 怎样 怎么样
如何 为什么 为何 多少 几 谁 一下 一个 没有 不是 知道 告诉 咨询 了解
咩 嘅 啲 咗 喺 唔 乜 佢 嗰 点样 几多 边个
"""

_ENGLISH = """
a an the and or but if of to in on at by for from with as is are was were be been being am do does did done have has
had having i me my we us our you your he him his she her it its they them their this that these those there here what
which who whom whose when where why how can could will would shall should may might must not no nor so than then too
very just about into over under up down out off again further once such own same s t don please tell many much any
some get got
"""

CHINESE_STOP_WORDS = frozenset(_CHINESE.split())
ENGLISH_STOP_WORDS = frozenset(_ENGLISH.split())
