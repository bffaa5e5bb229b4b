using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;

namespace OsmExt.Compiler.Contributions;

/// <summary>Where traffic to a service goes, as a plugin writes it: <c>backends</c>, each with a <c>service</c> and a <c>weight</c>.</summary>
internal static class BackendWeights
{
    /// <summary>The services and their weights; or the field at fault and why.</summary>
    public static (IReadOnlyList<(string Service, int Weight)> Backends, string Field, string Problem) Read(Struct written)
    {
        var fields = EnvoyJson.ToNode(written)!.AsObject();
        if (fields.FirstOrDefault(field => field.Key != "backends").Key is { } unknown)
        {
            return ([], unknown, "Weights have backends, and no other fields");
        }

        if (fields["backends"] is not JsonArray { Count: > 0 } entries)
        {
            return ([], "backends", "It does not say where traffic goes");
        }

        var backends = new List<(string, int)>();
        foreach (var entry in entries)
        {
            var at = $"backends[{backends.Count}]";
            if (entry is not JsonObject { Count: 2 } backend || backend["service"] is not JsonValue name || !name.TryGetValue<string>(out var service) || service.Length == 0)
            {
                return ([], at, "A backend has a service of the same namespace, by its name, and a weight");
            }

            if (backend["weight"] is not JsonValue number || !number.TryGetValue<double>(out var weight) || weight is < 0 or > int.MaxValue || weight != Math.Floor(weight))
            {
                return ([], $"{at}.weight", $"A weight is a whole number from 0 to {int.MaxValue}");
            }

            backends.Add((service, (int)weight));
        }

        return (backends, "", "");
    }
}
