### Pages of the OpenAPI documents. Descriptions are doc comments.

openapi-operations = Operations
openapi-machine-readable = Machine-readable: <a href="openapi.json">OpenAPI { $version }</a>.
openapi-access-anyone = <b>Anyone</b>; a login may add data
openapi-access-operators = <b>Operators</b>, with <code>Authorization: Bearer</code>
openapi-access-members = <b>Members</b>, with the cookie <code>SESSDATA</code>
openapi-access-members-and-csrf = <b>Members</b>, with the cookie <code>SESSDATA</code> and <code>csrf</code>
openapi-access-members-and-name = <b>Members</b>, with the cookies <code>SESSDATA</code> and <code>DedeUserID</code>
openapi-parameters = Parameters
openapi-in-query = in the query
openapi-in-body = in the body: { $types }
openapi-required = required
openapi-optional = optional
openapi-data = Data
openapi-no-data = None.
openapi-codes = Codes
openapi-codes-explained = In the envelope.
openapi-errors = HTTP errors
openapi-errors-explained = HTTP statuses other than 200.
openapi-or = {" or "}
openapi-each = each
openapi-or-absent = , or absent
openapi-default = , default
openapi-default-is = default { $value }
openapi-not-sent = not sent
openapi-range = { $min } to { $max }
openapi-from = from { $min }
openapi-try = Try it
openapi-send = Send
openapi-token = Operator token
openapi-token-hint = For the forms of this page. It is forgotten when the page is left.
openapi-token-needs-script = The forms of this page need JavaScript, since a form cannot send a token.
openapi-copy = Copy
openapi-copied = Copied
openapi-command = Command
openapi-response = Response
openapi-no-response = No response.
openapi-no-token = no token: its field is at the top of the page

type-integer = integer
type-number = number
type-string = string
type-boolean = boolean
type-object = object
type-array = array
type-array-of = array of { $items }s

# Lists at the end of a description.
list-of-errors = Errors: { $list }.
list-of-roles = For tokens of: { $list }.
