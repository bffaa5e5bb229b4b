using System.Text.Json.Nodes;
using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;

namespace OsmExt.DataPlane.Observation.Formats;

/// <summary>A value in metadata: a filter's name, then keys, with colons between.</summary>
/// <param name="Filter">Whose metadata.</param>
/// <param name="Keys">The way to the value; none for all of it.</param>
internal sealed record MetadataPath(string Filter, string[] Keys)
{
    public static MetadataPath Parse(string text) => text.Split(':') is [{ Length: > 0 } filter, .. var keys]
        ? new(filter, keys) : throw new FormatException($"\"{text}\" names no metadata");

    public Command Of(Func<StreamRecord, Metadata?> holder) => (stream, _) => In(holder(stream));

    private JsonNode? In(Metadata? metadata)
    {
        if (metadata?.FilterMetadata.TryGetValue(Filter, out var fields) is not true || fields is null)
        {
            return null;
        }

        var found = Value.ForStruct(fields);
        foreach (var key in Keys)
        {
            if (found.KindCase != Value.KindOneofCase.StructValue || !found.StructValue.Fields.TryGetValue(key, out found))
            {
                return null;
            }
        }

        return found.KindCase == Value.KindOneofCase.NullValue ? null : EnvoyJson.ToNode(found);
    }
}
