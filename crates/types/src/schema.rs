//! JSON Schemas of types with a handwritten text form. Other types derive their schema.

/// Implements `JsonSchema` for a type. The schema is inlined and has no name of its own.
#[macro_export]
macro_rules! inline_schema {
    ($type:ident: $schema:tt) => {
        impl ::schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!($schema)
            }
        }
    };
}
