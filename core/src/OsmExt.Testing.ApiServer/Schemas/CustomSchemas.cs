using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Schemas;

/// <summary>Custom resources, as the schema of the version they are written in wants them.</summary>
internal static class CustomSchemas
{
    private static readonly JsonObject Bare = new() { ["type"] = "object" };

    /// <summary>What an object is after reading: without unknown fields, which its writer is told of or refused for, and with defaults.</summary>
    public static JsonObject Decode(WriteRequest write, JsonObject sent, JsonObject schema)
    {
        var pruned = SchemaPruning.Apply(sent, schema, out var unknown);
        UnknownFields.Report(write, unknown);
        return (JsonObject)SchemaDefaults.Apply(pruned, schema)!;
    }

    /// <exception cref="Refusal">The object is not as the schema says, or breaks its rules.</exception>
    public static void Validate(WriteRequest write, JsonObject? old, JsonObject value)
    {
        var schema = write.Kind.Custom?.Schema ?? Bare;
        IReadOnlyList<FieldError> errors = SchemaValidation.Of(value, schema);

        // What has another shape than the rules are written for says nothing about them.
        if (errors.Count == 0)
        {
            errors = CelRules.Broken(value, old, schema);
        }

        if (errors.Count > 0)
        {
            throw Refusal.Invalid(write.Kind.Group, write.Kind.Kind, value.Name(), errors);
        }
    }
}
