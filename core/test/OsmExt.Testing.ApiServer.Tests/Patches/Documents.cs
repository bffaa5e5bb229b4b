using System.Text.Json.Nodes;
using CsCheck;

namespace OsmExt.Testing.ApiServer.Tests.Patches;

/// <summary>Documents of few names, so that two of them have much in common.</summary>
internal static class Documents
{
    private static readonly Gen<string> Names = Gen.Int[0, 3].Select(index => "abcd"[index].ToString());

    public static Gen<JsonObject> Any { get; } = Object(3);

    private static Gen<JsonNode?> Value(int depth)
    {
        var scalar = Gen.OneOf(Gen.Int[0, 2].Select(number => (JsonNode?)number), Gen.Bool.Select(flag => (JsonNode?)flag), Names.Select(name => (JsonNode?)name));
        return depth == 0 ? scalar : Gen.OneOf(scalar, Object(depth - 1).Select(map => (JsonNode?)map), scalar.Array[0, 3].Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item!.DeepClone())])));
    }

    private static Gen<JsonObject> Object(int depth) => Gen.Select(Names, Value(depth)).Array[0, 4]
        .Select(fields => new JsonObject(fields.DistinctBy(field => field.Item1).Select(field => KeyValuePair.Create(field.Item1, field.Item2?.DeepClone()))));
}
