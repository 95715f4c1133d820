//! The part of the template language that templates may use.
//!
//! Every value of a template is then a value of its context, a literal, or the text or number of an expression. No
//! expression builds a list, so none nests values or multiplies them. The work of a template is bounded by its fuel.

use minijinja::machinery::ast::{BinOpKind, CallArg, Expr, Filter, Stmt, UnaryOpKind};
use minijinja::machinery::{Span, parse};
use std::collections::HashSet;
use std::{io, thread};

/// The variables of a template.
pub(super) const CONTEXT: &[&str] = &["code", "message", "data", "status", "params", "now"];

/// The filters of a template.
pub(super) const FILTERS: &[&str] =
    &["default", "float", "int", "items", "length", "lower", "string", "tojson", "upper"];

/// The tests of a template.
pub(super) const TESTS: &[&str] = &["defined", "none", "number", "string"];

/// The maximum nesting of blocks and expressions. A chain of `.name`, of operators or of `elif` nests as well.
const MAX_DEPTH: usize = 64;

/// The stack of the parser, which no template of the maximum size exceeds.
const STACK_BYTES: usize = 64 << 20;

/// A disallowed construct of a template, or an error of its syntax.
#[derive(Debug)]
pub(super) struct SyntaxError {
    /// The line of the template. The first line is 1.
    pub(super) line: usize,
    pub(super) reason: String,
    pub(super) source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl SyntaxError {
    fn new(span: Span, reason: impl Into<String>) -> SyntaxError {
        SyntaxError { line: span.start_line.into(), reason: reason.into(), source: None }
    }
}

impl From<minijinja::Error> for SyntaxError {
    fn from(error: minijinja::Error) -> SyntaxError {
        let reason = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        SyntaxError { line: error.line().unwrap_or(1), reason, source: Some(error.into()) }
    }
}

impl From<io::Error> for SyntaxError {
    fn from(error: io::Error) -> SyntaxError {
        SyntaxError { line: 1, reason: "the parser has no thread".to_owned(), source: Some(error.into()) }
    }
}

/// Checks that a template is well-formed and uses only allowed constructs.
pub(super) fn check(template: &str) -> Result<(), SyntaxError> {
    let check = || {
        let parsed = parse(template, "template", minijinja::syntax::SyntaxConfig::default())?;
        let mut checker = Checker::default();
        checker.statement(&parsed, 0)?;
        checker.check_names()
    };
    thread::scope(|scope| {
        let checking = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, check)?;
        checking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// The names of a template.
#[derive(Default)]
struct Checker<'s> {
    assigned: HashSet<&'s str>,
    used: Vec<(&'s str, Span)>,
}

impl<'s> Checker<'s> {
    /// Checks that each used name is in the context or assigned, and that no name of the context is assigned.
    fn check_names(&self) -> Result<(), SyntaxError> {
        let is_known = |name: &str| name == "loop" || CONTEXT.contains(&name) || self.assigned.contains(name);
        let Some((name, span)) = self.used.iter().find(|(name, _)| !is_known(name)) else { return Ok(()) };
        let reason = format!("unknown variable {name}, expected one of {}", CONTEXT.join(", "));
        Err(SyntaxError::new(*span, reason))
    }

    fn statements(&mut self, statements: &[Stmt<'s>], depth: usize) -> Result<(), SyntaxError> {
        statements.iter().try_for_each(|statement| self.statement(statement, depth))
    }

    /// Checks a statement. The expression of each block limits the depth of blocks.
    fn statement(&mut self, statement: &Stmt<'s>, depth: usize) -> Result<(), SyntaxError> {
        let depth = depth + 1;
        match statement {
            Stmt::Template(template) => self.statements(&template.children, depth),
            Stmt::EmitRaw(_) => Ok(()),
            Stmt::EmitExpr(emitted) => self.expression(&emitted.expr, depth),
            Stmt::Set(set) => {
                self.assign(&set.target)?;
                self.expression(&set.expr, depth)
            }
            Stmt::IfCond(condition) => {
                self.expression(&condition.expr, depth)?;
                self.statements(&condition.true_body, depth)?;
                self.statements(&condition.false_body, depth)
            }
            Stmt::ForLoop(block) if block.recursive => {
                Err(SyntaxError::new(block.span(), "a loop is not recursive"))
            }
            Stmt::ForLoop(block) => {
                match &block.target {
                    Expr::List(targets) => targets.items.iter().try_for_each(|target| self.assign(target))?,
                    target => self.assign(target)?,
                }
                self.expression(&block.iter, depth)?;
                block.filter_expr.iter().try_for_each(|filter| self.expression(filter, depth))?;
                self.statements(&block.body, depth)?;
                self.statements(&block.else_body, depth)
            }
            Stmt::WithBlock(block) => Err(unknown_tag(block.span())),
            Stmt::SetBlock(block) => Err(unknown_tag(block.span())),
            Stmt::AutoEscape(block) => Err(unknown_tag(block.span())),
            Stmt::FilterBlock(block) => Err(unknown_tag(block.span())),
            Stmt::Do(block) => Err(unknown_tag(block.span())),
            #[expect(unreachable_patterns, reason = "the other tags depend on features of the library")]
            _ => Err(unknown_tag(Span::default())),
        }
    }

    fn assign(&mut self, target: &Expr<'s>) -> Result<(), SyntaxError> {
        match target {
            Expr::Var(name) if !CONTEXT.contains(&name.id) => {
                self.assigned.insert(name.id);
                Ok(())
            }
            target => {
                Err(SyntaxError::new(target.span(), "expected a name that is no variable of the context"))
            }
        }
    }

    fn expression(&mut self, expression: &Expr<'s>, depth: usize) -> Result<(), SyntaxError> {
        let depth = depth + 1;
        if depth > MAX_DEPTH {
            return Err(SyntaxError::new(expression.span(), format!("nests more than {MAX_DEPTH} levels")));
        }
        match expression {
            Expr::Const(_) => Ok(()),
            Expr::Var(name) => {
                self.used.push((name.id, name.span()));
                Ok(())
            }
            Expr::GetAttr(attribute) => self.expression(&attribute.expr, depth),
            Expr::GetItem(item) => {
                self.expression(&item.expr, depth)?;
                self.expression(&item.subscript_expr, depth)
            }
            Expr::UnaryOp(operation) => self.expression(&operation.expr, depth),
            Expr::BinOp(operation) => {
                if is_arithmetic(operation.op) {
                    expect_number(&operation.left)?;
                    expect_number(&operation.right)?;
                }
                self.expression(&operation.left, depth)?;
                self.expression(&operation.right, depth)
            }
            Expr::Compare(comparison) => {
                self.expression(&comparison.expr, depth)?;
                comparison.ops.iter().try_for_each(|operand| self.expression(&operand.expr, depth))
            }
            Expr::IfExpr(condition) => {
                self.expression(&condition.test_expr, depth)?;
                self.expression(&condition.true_expr, depth)?;
                condition.false_expr.iter().try_for_each(|otherwise| self.expression(otherwise, depth))
            }
            Expr::Filter(filter) => {
                expect_one_of("filter", filter.name, FILTERS, filter.span())?;
                filter.expr.iter().try_for_each(|filtered| self.expression(filtered, depth))?;
                self.arguments(&filter.args, filter.span(), depth)
            }
            Expr::Test(test) => {
                expect_one_of("test", test.name, TESTS, test.span())?;
                self.expression(&test.expr, depth)?;
                self.arguments(&test.args, test.span(), depth)
            }
            Expr::Slice(_) | Expr::Call(_) | Expr::List(_) | Expr::Tuple(_) | Expr::Map(_) => {
                let reason = "a template has no calls, slices, lists and maps of its own, expected JSON text around values";
                Err(SyntaxError::new(expression.span(), reason))
            }
        }
    }

    fn arguments(&mut self, arguments: &[CallArg<'s>], span: Span, depth: usize) -> Result<(), SyntaxError> {
        arguments.iter().try_for_each(|argument| match argument {
            CallArg::Pos(argument) | CallArg::Kwarg(_, argument) => self.expression(argument, depth),
            CallArg::PosSplat(_) | CallArg::KwargSplat(_) => {
                Err(SyntaxError::new(span, "expected no * argument"))
            }
        })
    }
}

fn unknown_tag(span: Span) -> SyntaxError {
    SyntaxError::new(span, "unknown tag, expected one of for, if, set")
}

fn expect_one_of(kind: &str, name: &str, known: &[&str], span: Span) -> Result<(), SyntaxError> {
    if known.contains(&name) {
        return Ok(());
    }
    Err(SyntaxError::new(span, format!("unknown {kind} {name}, expected one of {}", known.join(", "))))
}

fn is_arithmetic(operator: BinOpKind) -> bool {
    use BinOpKind::{Add, Div, FloorDiv, Mul, Pow, Rem, Sub};
    matches!(operator, Add | Sub | Mul | Div | FloorDiv | Rem | Pow)
}

/// Checks that an operand of arithmetic is a number. Sums and products of texts and lists would grow.
fn expect_number(operand: &Expr<'_>) -> Result<(), SyntaxError> {
    if is_number(operand) {
        return Ok(());
    }
    let reason = "the operands of + - * / // % ** are numbers, expected a number, now, code, status or a value with |int";
    Err(SyntaxError::new(operand.span(), reason))
}

fn is_number(expression: &Expr<'_>) -> bool {
    match expression {
        Expr::Const(constant) => constant.value.is_number(),
        Expr::Var(name) => ["now", "code", "status"].contains(&name.id),
        Expr::UnaryOp(operation) => matches!(operation.op, UnaryOpKind::Neg) && is_number(&operation.expr),
        // The operands of arithmetic are checked on their own.
        Expr::BinOp(operation) => is_arithmetic(operation.op),
        Expr::Filter(filter) => is_numeric_filter(filter),
        _ => false,
    }
}

fn is_numeric_filter(filter: &Filter<'_>) -> bool {
    let is_constant = |argument: &CallArg<'_>| match argument {
        CallArg::Pos(value) | CallArg::Kwarg(_, value) => is_number(value),
        CallArg::PosSplat(_) | CallArg::KwargSplat(_) => false,
    };
    ["float", "int", "length"].contains(&filter.name) && filter.args.iter().all(is_constant)
}
