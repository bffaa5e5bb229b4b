using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Schemas;

namespace OsmExt.Testing.ApiServer.Tests.Schemas;

public class SchemaTests
{
    private const string Shop = """
        type: object
        properties:
          spec:
            type: object
            required: [size]
            properties:
              size: {type: integer, minimum: 1, maximum: 10}
              half: {type: number, exclusiveMinimum: true, minimum: 0, multipleOf: 0.5}
              mode: {type: string, enum: [Open, Closed], default: Open}
              name: {type: string, pattern: '^[a-z]+$', minLength: 2, maxLength: 5}
              when: {type: string, format: date-time}
              port: {x-kubernetes-int-or-string: true}
              note: {type: string, nullable: true}
              tags: {type: array, maxItems: 2, x-kubernetes-list-type: set, items: {type: string}}
              doors:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [id]
                items: {type: object, required: [id], properties: {id: {type: integer}, width: {type: integer, default: 80}}}
              limits: {type: object, maxProperties: 1, additionalProperties: {type: string}}
              free: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {known: {type: object, properties: {a: {type: string}}}}}
              either: {type: object, properties: {a: {type: string}, b: {type: string}}, oneOf: [{required: [a]}, {required: [b]}]}
        """;

    private static readonly JsonObject Schema = Json.Object(Shop);

    [Theory]
    [InlineData("{size: 3}", "")]
    [InlineData("{}", "spec.size: Required value")]
    [InlineData("{size: big}", "spec.size: Invalid value: \"string\": spec.size in body must be of type integer: \"string\"")]
    [InlineData("{size: 0}", "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1")]
    [InlineData("{size: 11}", "spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10")]
    [InlineData("{size: 1.5}", "spec.size: Invalid value: \"number\": spec.size in body must be of type integer: \"number\"")]
    [InlineData("{size: 1, half: 0}", "spec.half: Invalid value: 0: spec.half in body should be greater than 0")]
    [InlineData("{size: 1, half: 0.7}", "spec.half: Invalid value: 0.7: spec.half in body should be a multiple of 0.5")]
    [InlineData("{size: 1, mode: Ajar}", "spec.mode: Unsupported value: \"Ajar\": supported values: \"Open\", \"Closed\"")]
    [InlineData("{size: 1, name: A1}", "spec.name: Invalid value: \"A1\": spec.name in body should match '^[a-z]+$'")]
    [InlineData("{size: 1, name: a}", "spec.name: Invalid value: \"a\": spec.name in body should be at least 2 chars long")]
    [InlineData("{size: 1, name: abcdef}", "spec.name: Too long: may not be more than 5 bytes")]
    [InlineData("{size: 1, when: noon}", "spec.when: Invalid value: \"noon\": spec.when in body must be of type date-time: \"noon\"")]
    [InlineData("{size: 1, port: true}", "spec.port: Invalid value: \"boolean\": spec.port in body must be of type integer,string: \"boolean\"")]
    [InlineData("{size: 1, port: http, note: null}", "")]
    [InlineData("{size: 1, tags: [a, b, c]}", "spec.tags: Too many: 3: must have at most 2 items")]
    [InlineData("{size: 1, tags: [a, a]}", "spec.tags[1]: Duplicate value: \"a\"")]
    [InlineData("{size: 1, doors: [{id: 1}, {id: 1}]}", "spec.doors[1]: Duplicate value: {\"id\":1}")]
    [InlineData("{size: 1, doors: [{width: 1}]}", "spec.doors[0].id: Required value")]
    [InlineData("{size: 1, limits: {a: '1', b: '2'}}", "spec.limits: Too many: 2: must have at most 1 items")]
    [InlineData("{size: 1, either: {}}", "spec.either: Invalid value: \"object\": \"spec.either\" must validate one and only one schema (oneOf). Found none valid")]
    public void Values_are_judged_in_Kubernetes_words(string spec, string expected)
        => Assert.Equal(expected, string.Join("; ", SchemaValidation.Of(new JsonObject { ["spec"] = Json.Of(spec) }, Schema)));

    [Fact]
    public void Defaults_count_where_nothing_is_written()
        => Json.Same(Json.Of("spec: {size: 1, mode: Open, doors: [{id: 1, width: 80}], note: null}"),
            SchemaDefaults.Apply(Json.Of("spec: {size: 1, mode: null, doors: [{id: 1}], note: null, name: null}"), Schema));

    [Fact]
    public void What_a_schema_does_not_name_goes()
    {
        var value = Json.Object("{apiVersion: a/v1, kind: Shop, metadata: {name: x, colour: red}, extra: 1, spec: {size: 1, sise: 2, limits: {any: '1'}, free: {other: {x: 1}, known: {a: '1', b: '2'}}, doors: [{id: 1, hight: 3}]}}");
        var before = value.ToJsonString();
        Json.Same(
            Json.Of("{apiVersion: a/v1, kind: Shop, metadata: {name: x}, spec: {size: 1, limits: {any: '1'}, free: {other: {x: 1}, known: {a: '1'}}, doors: [{id: 1}]}}"),
            SchemaPruning.Apply(value, Schema, out var unknown));
        Assert.Equal(["metadata.colour", "extra", "spec.sise", "spec.free.known.b", "spec.doors[0].hight"], unknown);
        Assert.Equal(before, value.ToJsonString());
    }

    [Theory]
    [InlineData("{}", "s.type: Required value: must not be empty at the root")]
    [InlineData("{type: object, properties: {a: {}}}", "s.properties[a].type: Required value: must not be empty for specified object fields")]
    [InlineData("{type: object, properties: {a: {type: array}}}", "s.properties[a].items: Required value: must be specified")]
    [InlineData("{type: object, properties: {a: {type: array, items: {}}}}", "s.properties[a].items.type: Required value: must not be empty for specified array items")]
    [InlineData("{type: object, properties: {a: {type: text}}}", "s.properties[a].type: Unsupported value: \"text\": supported values: \"object\", \"array\", \"string\", \"integer\", \"number\", \"boolean\"")]
    [InlineData("{type: object, properties: {a: {type: string}}, additionalProperties: {type: string}}", "s.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive")]
    [InlineData("{type: object, properties: {a: {type: integer, default: x}}}", "s.properties[a].default: Invalid value: \"string\": s.properties[a].default in body must be of type integer: \"string\"")]
    [InlineData("{type: object, properties: {a: {type: string}}, oneOf: [{properties: {b: {pattern: x}}}]}", "s.properties[b]: Required value: because it is defined in s.oneOf[0].properties[b]")]
    [InlineData("{type: object, properties: {a: {type: string}}, oneOf: [{properties: {a: {type: string}}}]}", "s.oneOf[0].properties[a].type: Forbidden: must be empty to be structural")]
    [InlineData("{type: object, properties: {a: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [id], items: {type: object, properties: {id: {type: string}}}}}}", "s.properties[a].items.properties[id].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property")]
    [InlineData("{type: object, properties: {a: {type: string, maxLenght: 3}}}", "s.properties[a]: Invalid value: \"maxLenght\": unknown field")]
    [InlineData("{type: object, properties: {metadata: {type: object, properties: {labels: {type: object}}}}}", "s.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified")]
    [InlineData("{type: object, x-kubernetes-validations: [{rule: 'self.a >'}]}", "s.x-kubernetes-validations[0].rule: Invalid value: \"self.a >\": compilation failed: ERROR: <input>:1: The end is not expected here")]
    public void Schemas_must_be_structural(string schema, string expected) => Assert.Equal(expected, string.Join("; ", SchemaCheck.Of(Json.Object(schema), "s")));

    [Fact]
    public void A_structural_schema_is_taken() => Assert.Empty(SchemaCheck.Of(Schema, "s"));

    [Theory]
    [InlineData("{least: 1, most: 2}", "{least: 1, most: 2, name: a}", "")]
    [InlineData("{least: 3, most: 2}", null, "spec.least: Invalid value: \"object\": least is not above most")]
    [InlineData("{least: 3, most: 5, name: b}", "{least: 3, most: 5, name: a}", "spec.name: Invalid value: \"b\": a name stays")]
    [InlineData("{least: 3, most: 5, name: b}", null, "")]
    [InlineData("{least: 3, most: 9}", null, "spec: Invalid value: \"object\": 9 is too many")]
    [InlineData("{least: 1, most: 2, some-thing: no}", null, "spec.some-thing: Forbidden: never no")]
    public void Rules_are_carried_out(string spec, string? old, string expected)
    {
        var schema = Json.Object("""
            type: object
            properties:
              spec:
                type: object
                properties:
                  least: {type: integer}
                  most: {type: integer}
                  name: {type: string, x-kubernetes-validations: [{rule: self == oldSelf, message: a name stays}]}
                  some-thing: {type: string}
                x-kubernetes-validations:
                - {rule: 'self.least <= self.most', message: least is not above most, fieldPath: .least}
                - {rule: 'self.most < 9', messageExpression: "string(self.most) + ' is too many'"}
                - {rule: "!has(self.some__dash__thing) || self.some__dash__thing != 'no'", message: never no, reason: FieldValueForbidden, fieldPath: .some-thing}
            """);
        Assert.Empty(SchemaCheck.Of(schema, "s"));
        Assert.Equal(expected, string.Join("; ", CelRules.Broken(new JsonObject { ["spec"] = Json.Of(spec) }, old is null ? null : new JsonObject { ["spec"] = Json.Of(old) }, schema)));
    }
}
