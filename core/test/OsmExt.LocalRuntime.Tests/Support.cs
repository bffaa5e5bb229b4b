using System.Net;
using System.Net.Sockets;
using System.Text;
using OsmExt.LocalRuntime.Envoy;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.LocalRuntime.Tests;

/// <summary>A test that makes network namespaces. Skipped where that is impossible, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PrivilegedFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Reason = new(()
        => LocalPreflight.CheckAsync(null, default).GetAwaiter().GetResult() is { Count: > 0 } findings ? string.Join(' ', findings) : null);

    /// <param name="envoy">The version of Envoy the test needs; empty for any, null for none.</param>
    public PrivilegedFactAttribute(string? envoy = null)
        => Skip = Reason.Value ?? (envoy is not null && EnvoyOf(envoy) is { Path: null } search ? search.ToString() : null);

    /// <summary>An Envoy of this machine; nothing is downloaded for a test.</summary>
    public static EnvoySearchResult EnvoyOf(string version) => EnvoyBinary.FindAsync(
        EnvoySearchOptions.OfThisMachine(version) with { DownloadPatience = TimeSpan.FromMilliseconds(1) }, default).GetAwaiter().GetResult();
}

/// <summary>Meshes share the machine, and each starts many processes: one test at a time.</summary>
[CollectionDefinition(nameof(Machine), DisableParallelization = true)]
public sealed class Machine;

/// <summary>A directory of its own, gone afterwards.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory()
    {
        Path = Directory.CreateTempSubdirectory("osm-test-").FullName;
        File.SetUnixFileMode(Path, (UnixFileMode)0b111_001_001);
    }

    public string Path { get; }

    public string Write(string name, string text, bool executable = false)
    {
        var path = System.IO.Path.Join(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        if (executable)
        {
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        }

        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

internal static class Wait
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(30);

    /// <summary>Waits until the condition holds; other processes bring it about.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Generous, $"Waited in vain: {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}

/// <summary>Objects of the tests.</summary>
internal static class Objects
{
    public static Pod Pod(string ns, string name, params string[] addresses)
        => new(new ResourceMetadata(ns, name)) { Addresses = addresses.ToEquatableArray() };

    public static Pod With(this Pod pod, string annotation, string value)
        => pod with { Metadata = pod.Metadata with { Annotations = LabelSet.From([.. pod.Metadata.Annotations, new(annotation, value)]) } };

    /// <summary>A container that runs a shell script.</summary>
    public static Pod Running(this Pod pod, string name, string script)
        => pod with { Containers = [.. pod.Containers, new Container(name) { Command = ["sh", "-c", script] }] };

    public static Service Service(string ns, string name, int port, params string[] addresses)
        => new(new ResourceMetadata(ns, name)) { ClusterAddresses = addresses.ToEquatableArray(), Ports = [new("", port)] };

    public static EndpointSlice Slice(string ns, string service, int port, params string[] addresses)
        => SliceOf(ns, service, port, [.. addresses.Select(address => new Endpoint(address))]);

    public static EndpointSlice SliceOf(string ns, string service, int port, params Endpoint[] endpoints)
        => new(new ResourceMetadata(ns, $"{service}-slice")) { ServiceName = service, Subsets = [new([new("", port)], endpoints.ToEquatableArray())] };
}

/// <summary>A server that tells each caller its own name, or where the connection ended up, and closes.</summary>
internal sealed class Greeter : IDisposable
{
    private readonly Socket _listener;

    private Greeter(Socket listener) => _listener = listener;

    public static async Task<Greeter> StartAsync(PodNetwork network, int port, string greeting, IPAddress? address = null)
    {
        var greeter = new Greeter(await network.ListenAsync(new IPEndPoint(address ?? IPAddress.Any, port)));
        _ = greeter.ServeAsync(greeting);
        return greeter;
    }

    /// <summary>What a server says to a caller from that network.</summary>
    public static async Task<string> AskAsync(PodNetwork from, string host, int port)
    {
        await using var stream = await from.ConnectAsync(host, port).WaitAsync(TimeSpan.FromSeconds(20));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20));
    }

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync(string greeting)
    {
        try
        {
            while (true)
            {
                using var connection = await _listener.AcceptAsync();
                await connection.SendAsync(Encoding.UTF8.GetBytes(greeting));
                connection.Shutdown(SocketShutdown.Send);
            }
        }
        catch (SocketException)
        {
            // Closed by the test.
        }
        catch (ObjectDisposedException)
        {
            // Closed by the test.
        }
    }
}
