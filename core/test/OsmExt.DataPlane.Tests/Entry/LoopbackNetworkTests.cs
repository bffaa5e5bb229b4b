using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using OsmExt.DataPlane.Entry;
using OsmExt.DataPlane.Listeners;
using OsmExt.DataPlane.Tests.Mesh;
using OsmExt.DataPlane.Upstream;

namespace OsmExt.DataPlane.Tests.Entry;

/// <summary>Pods that are loopback addresses: which way connections go, and how they tell where they were meant to.</summary>
public class LoopbackNetworkTests
{
    private static readonly LoopbackNetwork Pod = new()
    {
        At = IPAddress.Parse("127.77.0.3"),
        Application = IPAddress.Parse("127.77.128.3"),
        Addresses = [IPAddress.Parse("10.244.0.3")],
        Meshed = true,
        OutboundPortExclusions = [3306],
        InboundPortExclusions = [7000],
        OutboundRangeExclusions = [IPNetwork.Parse("192.0.2.0/24")],
    };

    [Theory]
    [InlineData("10.96.0.1:80", "Sidecar")]
    [InlineData("10.96.0.1:3306", "Around")]
    [InlineData("192.0.2.7:80", "Around")]
    [InlineData("127.0.0.1:80", "Application")]
    [InlineData("127.77.0.4:80", "Application")]
    [InlineData("10.244.0.3:80", "Application")]
    [InlineData("[::1]:80", "Application")]
    public void Connections_of_a_pod_take_the_way_that_interception_would_give_them(string destination, string way)
        => Assert.Equal(way, Pod.Outward(IPEndPoint.Parse(destination)).ToString());

    [Fact]
    public void Only_what_is_included_goes_through_the_sidecar_where_something_is()
    {
        var pod = Pod with { OutboundRangeInclusions = [IPNetwork.Parse("10.96.0.0/16")] };

        Assert.Equal((Passage.Sidecar, Passage.Around), (pod.Outward(new(IPAddress.Parse("10.96.0.1"), 80)), pod.Outward(new(IPAddress.Parse("10.97.0.1"), 80))));
        Assert.Equal(Passage.Around, (Pod with { Meshed = false }).Outward(new(IPAddress.Parse("10.96.0.1"), 80)));
        Assert.Equal((Passage.Sidecar, Passage.Application), (Pod.Inward(80), Pod.Inward(7000)));
    }

    [Theory]
    [InlineData("10.244.0.3:40000", "10.244.0.4:80")]
    [InlineData("[fd00::3]:40000", "[fd00::4]:80")]
    public async Task A_header_says_from_where_to_where_and_takes_nothing_else(string source, string destination)
    {
        using var stream = new MemoryStream([.. ProxyHeader.Write(IPEndPoint.Parse(source), IPEndPoint.Parse(destination)), 1, 2, 3]);

        Assert.Equal((IPEndPoint.Parse(source), IPEndPoint.Parse(destination)), await ProxyHeader.ReadAsync(stream, default));
        Assert.Equal(1, stream.ReadByte());
    }

    [Fact]
    public async Task What_is_no_header_is_nobody()
    {
        var good = ProxyHeader.Write(new(IPAddress.Loopback, 1), new(IPAddress.Loopback, 2));
        byte[][] broken = [[], good[..15], good[..20], [.. "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8], [.. good[..12], 0x20, .. good[13..]], [.. good[..14], 0xff, 0xff, .. good[16..]]];
        foreach (var bytes in broken)
        {
            using var stream = new MemoryStream(bytes);
            Assert.Null(await ProxyHeader.ReadAsync(stream, default));
        }
    }

    [Fact]
    public async Task A_door_hands_in_what_has_a_header_for_its_pod_and_nothing_else()
    {
        var arrivals = new List<Arrival>();
        var network = Pod with { At = IPAddress.Loopback, Pods = new Dictionary<IPAddress, LoopbackPod>().ToFrozenDictionary() };
        await using var door = new Door(new(IPAddress.Loopback, 0), () => network, arrival =>
        {
            arrivals.Add(arrival);
            return Task.CompletedTask;
        }, TimeProvider.System);
        IPEndPoint from = new(IPAddress.Parse("10.244.0.9"), 4000), here = new(IPAddress.Parse("10.244.0.3"), 80), elsewhere = new(IPAddress.Parse("10.244.0.4"), 80);

        await SendAsync(door.Address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        await SendAsync(door.Address, ProxyHeader.Write(from, elsewhere));
        Assert.Empty(arrivals);
        await SendAsync(door.Address, ProxyHeader.Write(from, here));
        await SendAsync(door.Address, ProxyHeader.Write(from, new(here.Address, 15010)));

        Assert.Equal([(from, here, 15003), (from, new(here.Address, 15010), 0)], arrivals.Select(arrival => (arrival.Source, arrival.Destination, arrival.RedirectedTo)));
    }

    [Fact]
    public async Task Addresses_of_the_mesh_are_dialled_where_they_are()
    {
        var dialled = new List<string>();
        var network = Pod with
        {
            Pods = new Dictionary<IPAddress, LoopbackPod>
            {
                [IPAddress.Parse("10.244.0.3")] = new(Pod.At, Pod.Application, true),
                [IPAddress.Parse("10.244.0.5")] = new(IPAddress.Parse("127.77.0.5"), IPAddress.Parse("127.77.128.5"), false),
            }.ToFrozenDictionary(),
            Services = new Dictionary<IPEndPoint, IPEndPoint[]>
            {
                [IPEndPoint.Parse("10.96.0.1:80")] = [IPEndPoint.Parse("10.244.0.5:8080")],
                [IPEndPoint.Parse("10.96.0.2:80")] = [],
            }.ToFrozenDictionary(),
        };
        var dialer = new LoopbackDialer(() => network, new Recorder(dialled), new());

        foreach (var destination in (string[])["127.0.0.1:80", "127.0.0.1:15000", "10.244.0.3:80", "10.244.0.5:80", "10.96.0.1:80", "192.0.2.1:443"])
        {
            await dialer.DialAsync(IPEndPoint.Parse(destination), default);
        }

        Assert.Equal(["127.77.128.3:80", "127.77.0.3:15000", "127.77.0.3:15007", "127.77.128.5:80", "127.77.128.5:8080", "192.0.2.1:443"], dialled);
        await Assert.ThrowsAsync<SocketException>(async () => await dialer.DialAsync(IPEndPoint.Parse("10.96.0.2:80"), default));
    }

    [Fact]
    public void A_file_is_followed_and_one_that_is_broken_leaves_what_was_read_in_force()
    {
        var path = Path.Join(Directory.CreateTempSubdirectory().FullName, "network.json");
        var document = new NetworkDocument { At = "127.77.0.3", Application = "127.77.128.3", Services = new Dictionary<string, string[]> { ["10.96.0.1:80"] = ["10.244.0.5:8080"] } };
        document.Save(path);
        var file = new NetworkFile(path);
        Assert.Equal("10.244.0.5:8080", file.Current.Services[IPEndPoint.Parse("10.96.0.1:80")].Single().ToString());

        (document with { Names = new Dictionary<string, string[]> { ["a.b"] = ["10.96.0.1"] } }).Save(path);
        File.SetLastWriteTimeUtc(path, new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal("10.96.0.1", file.Current.Names["A.B"].Single().ToString());

        File.WriteAllText(path, "{");
        Assert.Equal("10.96.0.1", file.Current.Names["a.b"].Single().ToString());
        Assert.Throws<FormatException>(() => new NetworkFile(path).Current);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    private static async Task SendAsync(IPEndPoint door, byte[] bytes)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(door);
        await socket.SendAsync(bytes);
        Assert.Equal("", await OneProxy.ReadAllAsync(socket));
    }

    private sealed class Recorder(List<string> dialled) : IDialer
    {
        public ValueTask<Stream> DialAsync(IPEndPoint destination, CancellationToken stop)
        {
            dialled.Add(destination.ToString());
            return ValueTask.FromResult<Stream>(new MemoryStream());
        }
    }
}
