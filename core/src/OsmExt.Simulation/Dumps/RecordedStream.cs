using System.Text;
using System.Text.Json;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;

namespace OsmExt.Simulation.Dumps;

/// <summary>
/// What a proxy has after a discovery stream: the responses it was sent, in their order, as JSON one after another. Either variant;
/// <c>osm run --record</c> writes such files, and gRPC tools print streams so.
/// </summary>
internal static class RecordedStream
{
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithTypeRegistry(EnvoyTypes.Registry));

    /// <param name="name">Whose proxy, as decisions say it.</param>
    /// <param name="json">The responses.</param>
    /// <exception cref="FormatException">One of them is none, or holds what is not known.</exception>
    public static ProxyConfiguration Read(string name, string json)
    {
        var held = new Dictionary<(string TypeUrl, string Name), XdsResource>();
        var number = 0;
        foreach (var response in Values(json))
        {
            number++;
            try
            {
                Apply(response, held);
            }
            catch (Exception failure) when (failure is InvalidProtocolBufferException or InvalidOperationException or FormatException or JsonException)
            {
                throw new FormatException($"response {number}: {failure.Message}", failure);
            }
        }

        if (number == 0)
        {
            throw new FormatException("there is no response in it");
        }

        var resources = SeparateHosts.Merge([.. held.Values]);
        var used = resources.SelectMany(resource => SecretReferences.Certificates(resource.Message)).ToHashSet(StringComparer.Ordinal);
        return new(name, resources, OwnCertificate.Of(resources, used));
    }

    private static void Apply(JsonElement response, Dictionary<(string TypeUrl, string Name), XdsResource> held)
    {
        if (IsDelta(response))
        {
            var delta = Parser.Parse<DeltaDiscoveryResponse>(response.GetRawText());
            foreach (var gone in delta.RemovedResources)
            {
                held.Remove((delta.TypeUrl, gone));
            }

            foreach (var resource in delta.Resources)
            {
                held[(delta.TypeUrl, resource.Name)] = XdsResource.Create(Unpack(resource.Resource_), resource.Name);
            }

            return;
        }

        var full = Parser.Parse<DiscoveryResponse>(response.GetRawText());
        // Of listeners and clusters each response has all there are.
        foreach (var key in full.TypeUrl is TypeUrls.Listener or TypeUrls.Cluster ? held.Keys.Where(key => key.TypeUrl == full.TypeUrl).ToList() : [])
        {
            held.Remove(key);
        }

        foreach (var resource in full.Resources.Select(Unpack))
        {
            var called = (resource.Descriptor.FindFieldByName("name") ?? resource.Descriptor.FindFieldByName("cluster_name"))?.Accessor.GetValue(resource) as string ?? "";
            held[(full.TypeUrl, called)] = XdsResource.Create(resource, called);
        }
    }

    private static bool IsDelta(JsonElement response)
        => response.EnumerateObject().Any(field => field.Name is "system_version_info" or "systemVersionInfo" or "removed_resources" or "removedResources")
            || (response.TryGetProperty("resources", out var resources) && resources.EnumerateArray().Any(resource => resource.TryGetProperty("resource", out _)));

    private static IMessage Unpack(Any packed) => EnvoyTypes.Unpack(packed) ?? throw new FormatException($"a resource of type {packed.TypeUrl} cannot be read");

    private static List<JsonElement> Values(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json), new JsonReaderOptions { AllowMultipleValues = true });
        var values = new List<JsonElement>();
        try
        {
            while (reader.Read())
            {
                values.Add(JsonElement.ParseValue(ref reader));
            }
        }
        catch (JsonException failure)
        {
            throw new FormatException($"response {values.Count + 1} is no JSON: {failure.Message}", failure);
        }

        return values;
    }
}
