### 我的数据页面。

your-data = 我的数据

# 隐私。
who-sees-your-lists = 谁可以看我的列表
audience-everybody = 所有人
audience-mutuals = 互相关注的人
audience-oneself = 仅自己
privacy-hint = 数量仍然可见。你关注的人仍可能在他们的粉丝列表里显示你。
list-is-hidden = 对方没有公开这个列表

# 注销。
leaving = 账号即将注销
account-is-deleted-at = 你的账号将于 { $time } 注销。
stay-hint = 在此之前一切照旧。
stay = 保留我的账号
delete-account = 注销账号
deletion-is-scheduled = 账号已申请注销，时间见页面上方。
deletion-effect = 你将在所有设备上退出登录。{ $days } 天后账号会被注销，在此之前登录即可保留。
deletion-of-relations = 你的关注、粉丝、分组、备注和黑名单会被删除，双方都不再保留。
deletion-of-account = 你的资料、联系方式、实名、硬币、等级和登录记录会被删除。
deletion-is-final = 之后任何人都无法恢复。注销完成前，其他人看到的是“账号已注销”。
your-uid = 你的 UID
type-your-uid = 请输入 { $mid } 以确认
delete-account-now = 注销我的账号
