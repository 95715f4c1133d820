### Pages of the OpenAPI documents. Descriptions are in descriptions.txt.

openapi-operations = 操作
openapi-machine-readable = 机器可读：<a href="openapi.json">OpenAPI { $version }</a>。
openapi-access-anyone = <b>任何人</b>；登录可能带来更多数据
openapi-access-operators = <b>运营者</b>，带 <code>Authorization: Bearer</code>
openapi-access-members = <b>用户</b>，带 cookie <code>SESSDATA</code>
openapi-access-members-and-csrf = <b>用户</b>，带 cookie <code>SESSDATA</code> 和 <code>csrf</code>
openapi-access-members-and-name = <b>用户</b>，带 cookie <code>SESSDATA</code> 和 <code>DedeUserID</code>
openapi-parameters = 参数
openapi-in-query = 在查询串里
openapi-in-body = 在请求体里：{ $types }
openapi-required = 必需
openapi-optional = 可选
openapi-data = 数据
openapi-no-data = 没有。
openapi-codes = 错误码
openapi-codes-explained = 在信封里。
openapi-errors = HTTP 错误
openapi-errors-explained = 200 以外的 HTTP 状态。
openapi-or = {" 或 "}
openapi-each = 每一个
openapi-or-absent = ，可能没有
openapi-default = ，默认
openapi-default-is = 默认 { $value }
openapi-not-sent = 不发送
openapi-range = { $min } 到 { $max }
openapi-from = 从 { $min } 起
openapi-try = 试一试
openapi-send = 发送
openapi-token = 运营令牌
openapi-token-hint = 用于本页的表单。离开页面就会忘记。
openapi-token-needs-script = 本页的表单需要 JavaScript，因为表单不能发送令牌。
openapi-copy = 复制
openapi-copied = 已复制
openapi-command = 命令
openapi-response = 响应
openapi-no-response = 没有响应。
openapi-no-token = 没有令牌：在页面顶部填写

type-integer = 整数
type-number = 数
type-string = 字符串
type-boolean = 布尔值
type-object = 对象
type-array = 数组
type-array-of = { $items }数组

# Lists at the end of a description.
list-of-errors = 错误码：{ $list }。
list-of-roles = 令牌的角色：{ $list }。
