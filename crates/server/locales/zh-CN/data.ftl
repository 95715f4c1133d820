### 我的数据页面。

see-own-data = 下载数据、隐藏列表或注销账号，请到<a href="/data">我的数据</a>
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
delete-my-account = 注销账号
deletion-is-scheduled = 账号已申请注销，时间见页面上方。
deletion-effect = 你将在所有设备上退出登录。{ $days } 天后账号会被注销，在此之前登录即可保留。
deletion-of-relations = 你的关注、粉丝、分组、备注和黑名单会被删除，双方都不再保留。
deletion-of-account = 你的资料、联系方式、实名、硬币、等级和登录记录会被删除。
deletion-is-final = 之后任何人都无法恢复。注销完成前，其他人看到的是“账号已注销”。
your-uid = 你的 UID
type-your-uid = 请输入 { $mid } 以确认
delete-account-now = 注销我的账号

# 下载和导入。
download-your-data = 下载我的数据
download-contents = 一个 ZIP 文件，含资料、账号、关系和分组、硬币、登录记录、消息和备注，格式为 JSON 和 CSV。
export-ready = { $time } 已备好。
export-expires = 将于 { $time } 删除。
download-size = 下载（{ $size }）
export-in-progress = { $time } 已申请，正在准备。
reload = 刷新看看
prepare-archive = 准备文件
prepare-archive-again = 重新准备
import-relations = 导入关注和分组
csv-file = CSV 文件
csv-hint = 可以用下载里的 relations.csv，或任何有 mid 列的 CSV 文件，kind 和 groups 列可有可无。先看到变化，再决定是否导入。
preview-import = 查看变化
import-preview = 导入会改变什么
nothing-imported-yet = 现在还没有改变任何内容
import-added = 新增
import-joined = 加入分组
import-unchanged = 已经存在
import-refused = 无法导入
import-groups = 新分组
import-can-be-undone = 五分钟内可以撤销导入，新分组会保留。
import-now = 导入
line-number = 第 { $line } 行
further-lines = 还有 { $count } 项
invalid-line = 第 { $line } 行：{ $reason }。没有改变任何内容
csv-encoding = 不是 UTF-8 编码
csv-quotes = 引号位置不对
csv-no-mid-column = 第一行要有 mid 列
csv-mid = mid 无效
csv-kind = kind 不是 follow、whisper 或 block
csv-groups = 只有关注才有分组
csv-repeated = mid 重复
csv-too-long = 行数太多
