### The search for members.

find-by = 昵称、拼音或 UID
find-hint = 写昵称的一部分、拼音或首字母（比如“陈睿”可以写 cr），或者 UID
find-none = 没有找到这样的人
find-too-short = 至少要写 { $count } 个字
find-cut = 只看了 { $count } 个名字，多写几个字会更准
# The script replaces # by the number.
suggestions-found = 有 # 个建议，用上下键选择
suggestions-none = 没有建议
