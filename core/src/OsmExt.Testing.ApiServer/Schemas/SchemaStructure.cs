using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Structures;

namespace OsmExt.Testing.ApiServer.Schemas;

/// <summary>The structure of custom resources, as their schema says with <c>x-kubernetes-list-type</c> and its like.</summary>
internal sealed record SchemaStructure : Structure
{
    private static readonly Structure Metadata = BuiltInStructures.Of("ObjectMeta");
    private readonly JsonObject _schema;
    private readonly bool _isResource;

    public SchemaStructure(JsonObject schema, bool isResource = true)
    {
        (_schema, _isResource) = (schema, isResource);
        List = schema["x-kubernetes-list-type"]?.GetValue<string>() switch { "set" => ListKind.Set, "map" => ListKind.Map, _ => ListKind.Atomic };
        Keys = [.. schema.Names("x-kubernetes-list-map-keys")];
        IsAtomicMap = schema["x-kubernetes-map-type"]?.GetValue<string>() == "atomic";
    }

    public override Structure Field(string name)
        => _isResource && name == "metadata" ? Metadata : _schema.Field(name) is { } field ? new SchemaStructure(field, field.IsEmbedded()) : Unknown;

    public override Structure Item => _schema.Items() is { } items ? new SchemaStructure(items, items.IsEmbedded()) : Unknown;

    public override JsonNode? Fallback(string key) => _schema.Items()?.Property(key)?["default"];
}
