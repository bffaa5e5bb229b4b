using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer.Defaults;

/// <summary>Fills fields of an object that is being made.</summary>
internal static class DefaultFields
{
    /// <summary>Writes a field where there is none.</summary>
    public static JsonObject Default(this JsonObject target, string name, JsonNode value)
    {
        if (target[name] is null)
        {
            target[name] = value;
        }

        return target;
    }

    /// <summary>The object in a field, made where there is none.</summary>
    public static JsonObject Child(this JsonObject target, string name)
    {
        if (target[name] is not JsonObject child)
        {
            target[name] = child = [];
        }

        return child;
    }
}
