using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;

namespace OsmExt.Testing.Xds;

/// <summary>A resource as a proxy has it.</summary>
internal sealed record Held(string Name, string Version, IMessage Message);

/// <summary>A response of either variant.</summary>
internal sealed record Response(string TypeUrl, IReadOnlyList<Held> Resources, IReadOnlyList<string> Removed, bool IsEverything, IMessage Raw);

/// <summary>A stream of either variant.</summary>
internal abstract class ProxyWire : IAsyncDisposable
{
    /// <summary>Says which names are wanted from now on; none means all.</summary>
    public abstract Task AskAsync(string type, string[] names, string[] before, Dictionary<string, string> versions);

    public abstract Task<Response> NextAsync();

    public abstract Task AnswerAsync(Response response, string? objection);

    public abstract ValueTask DisposeAsync();

    protected static IMessage Unpack(Any any) => EnvoyTypes.Unpack(any) ?? throw new InvalidOperationException(any.TypeUrl);
}

internal sealed class DeltaWire(DeltaTestStream stream) : ProxyWire
{
    public override Task AskAsync(string type, string[] names, string[] before, Dictionary<string, string> versions)
    {
        if (names.Length == 0 && before.Length == 0)
        {
            return versions.Count > 0 ? stream.ResumeAsync(type, versions, "*") : stream.SubscribeAsync(type, "*");
        }

        var removed = before.Except(names, StringComparer.Ordinal).ToArray();
        return removed.Length > 0
            ? stream.SendAsync(new() { TypeUrl = type, ResourceNamesSubscribe = { names.Except(before, StringComparer.Ordinal) },
                ResourceNamesUnsubscribe = { removed } })
            : stream.ResumeAsync(type, versions, [.. names.Except(before, StringComparer.Ordinal)]);
    }

    public override async Task<Response> NextAsync()
    {
        var response = await stream.NextAsync(timeout: Timeout.InfiniteTimeSpan).ConfigureAwait(false);
        return new(response.TypeUrl,
            [.. response.Resources.Select(resource => new Held(resource.Name, resource.Version, Unpack(resource.Resource_)))],
                response.RemovedResources, false, response);
    }

    public override Task AnswerAsync(Response response, string? objection)
        => objection is null ? stream.AckAsync((DeltaDiscoveryResponse)response.Raw) : stream.NackAsync((DeltaDiscoveryResponse)response.Raw,
            objection);

    public override ValueTask DisposeAsync() => stream.DisposeAsync();
}

internal sealed class SotwWire(SotwTestStream stream) : ProxyWire
{
    public override Task AskAsync(string type, string[] names, string[] before, Dictionary<string, string> versions)
    {
        // What a proxy kept from an earlier stream it can only name by the version of the last response.
        var version = versions.Values.FirstOrDefault();
        return version is null ? stream.RequestAsync(type, names) : stream.ResumeAsync(type, version, names);
    }

    public override async Task<Response> NextAsync()
    {
        var response = await stream.NextAsync(timeout: Timeout.InfiniteTimeSpan).ConfigureAwait(false);
        var everything = response.TypeUrl is TypeUrls.Cluster or TypeUrls.Listener;
        return new(response.TypeUrl, [.. response.Resources.Select(resource => Read(Unpack(resource), response.VersionInfo))], [], everything,
            response);
    }

    public override Task AnswerAsync(Response response, string? objection)
        => objection is null ? stream.AckAsync((DiscoveryResponse)response.Raw) : stream.NackAsync((DiscoveryResponse)response.Raw, objection);

    public override ValueTask DisposeAsync() => stream.DisposeAsync();

    private static Held Read(IMessage message, string version)
    {
        var name = message.Descriptor.FindFieldByName("name") ?? message.Descriptor.FindFieldByName("cluster_name");
        return new((string)name.Accessor.GetValue(message), version, message);
    }
}
