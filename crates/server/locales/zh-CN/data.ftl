### 我的数据页面。

your-data = 我的数据

# 隐私。
who-sees-your-lists = 谁可以看我的列表
audience-everybody = 所有人
audience-mutuals = 互相关注的人
audience-oneself = 仅自己
privacy-hint = 数量仍然可见。你关注的人仍可能在他们的粉丝列表里显示你。
list-is-hidden = 对方没有公开这个列表
