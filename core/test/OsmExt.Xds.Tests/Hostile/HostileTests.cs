using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using OsmExt.Testing.Xds;
using OsmExt.Xds.Server;
using OsmExt.Xds.Tests.Hosting;
using OsmExt.Xds.Tests.Streams;

namespace OsmExt.Xds.Tests.Hostile;

/// <summary>They measure memory, so nothing else runs at the time.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>A server with a well-behaved client on it, who has to be served whatever the others do.</summary>
public abstract class HostileTests : IAsyncLifetime
{
    private const string Witness = "witness";

    private readonly List<IAsyncDisposable> _open = [];
    private Peer _witness = null!;
    private int _content = 1;

    private protected XdsTestServer Server { get; private set; } = null!;

    public static TheoryData<string> Variants => Wire.Variants;

    public async Task InitializeAsync()
    {
        Server = await XdsTestServer.StartAsync(Configure, customize: Customize);
        Server.Publish(Some.StaticCluster(Witness));
        _witness = Open("delta", Witness);
        await _witness.AskAsync("CDS", Witness);
        Assert.Equal($"CDS {Witness}", await _witness.TakeAsync());
    }

    public async Task DisposeAsync()
    {
        foreach (var open in Enumerable.Reverse(_open))
        {
            await open.DisposeAsync();
        }

        await Server.DisposeAsync();
    }

    private protected virtual void Configure(XdsServerOptions options)
    {
    }

    private protected virtual void Customize(IServiceCollection services)
    {
    }

    private protected AdsTestClient Connect(string proxyId)
    {
        var client = Server.Connect(proxyId);
        _open.Add(client);
        return client;
    }

    /// <summary>A stream on a connection of its own.</summary>
    private protected Peer Open(string variant, string proxyId = "hostile", bool read = true) => Keep(Peer.Open(Connect(proxyId), variant, read));

    private protected T Keep<T>(T stream)
        where T : IAsyncDisposable
    {
        _open.Add(stream);
        return stream;
    }

    /// <summary>The witness gets a change.</summary>
    private protected async Task OthersAreServedAsync()
    {
        Server.Change(Some.StaticCluster(Witness, ++_content));
        Assert.Equal($"CDS {Witness}", await _witness.TakeAsync());
    }

    /// <summary>The stream is ended with a status that names the broken rule, nothing of it stays, and others are served.</summary>
    private protected async Task IsEndedAsync(Peer peer, StatusCode code, string rule)
    {
        var status = await peer.Ended.WaitAsync(Eventually.Patience);
        Assert.Equal(code, status.StatusCode);
        Assert.Contains(rule, status.Detail, StringComparison.Ordinal);
        await OnlyTheWitnessIsLeftAsync();
        await OthersAreServedAsync();
    }

    /// <summary>Says something that, or before which, the client is thrown out; it may notice while it speaks.</summary>
    private protected static async Task SayToTheEndAsync(Func<Task> say)
    {
        if (await Record.ExceptionAsync(say) is { } thrown)
        {
            Assert.IsType<RpcException>(thrown);
        }
    }

    private protected Task OnlyTheWitnessIsLeftAsync()
        => Eventually.HoldsAsync(() => Server.Registry.Proxies is [Witness], "the stream is forgotten");

    /// <summary>What stays in memory afterwards, in megabytes.</summary>
    private protected static async Task<double> GrowthAsync(Func<Task> action)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await action();
        return (GC.GetTotalMemory(forceFullCollection: true) - before) / (1024.0 * 1024.0);
    }
}
