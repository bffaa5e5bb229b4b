using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OsmExt.ControlPlane.Tests.Observability;

/// <summary>A collector of traces that understands as much of OTLP as a span has, over gRPC or HTTP.</summary>
internal sealed class TraceCollector : IAsyncDisposable
{
    private readonly WebApplication _host;

    private TraceCollector(WebApplication host) => _host = host;

    public ConcurrentQueue<CollectedSpan> Spans { get; } = new();

    public ConcurrentQueue<string> Paths { get; } = new();

    public Uri Address => new(_host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<TraceCollector> StartAsync(bool grpc)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = grpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        var collector = new TraceCollector(builder.Build());
        collector._host.Run(http => collector.TakeAsync(http, grpc));
        await collector._host.StartAsync();
        return collector;
    }

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    private async Task TakeAsync(HttpContext http, bool grpc)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        Paths.Enqueue(http.Request.Path);
        var message = body.ToArray();
        const int GrpcHead = 5;
        if (grpc)
        {
            Assert.Equal(message.Length - GrpcHead, (int)BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(1)));
            message = message[GrpcHead..];
            http.Response.ContentType = "application/grpc";
            http.Response.AppendTrailer("grpc-status", "0");
            await http.Response.Body.WriteAsync(new byte[GrpcHead]);
        }

        foreach (var (_, resourceSpans) in Fields(message).Where(field => field.Number == 1))
        {
            var resource = Attributes(Fields(Fields(resourceSpans).First(field => field.Number == 1).Bytes), 1);
            foreach (var span in Fields(resourceSpans).Where(field => field.Number == 2).SelectMany(scope => Fields(scope.Bytes)).Where(field => field.Number == 2))
            {
                Spans.Enqueue(Read(span.Bytes, resource));
            }
        }
    }

    private static CollectedSpan Read(byte[] span, IReadOnlyDictionary<string, string> resource)
    {
        var fields = Fields(span);
        var status = fields.Where(field => field.Number == 15).SelectMany(field => Fields(field.Bytes)).FirstOrDefault(field => field.Number == 3).Bytes;
        return new(Hex(1), Hex(2), Hex(4), System.Text.Encoding.UTF8.GetString(fields.Single(field => field.Number == 5).Bytes), Time(7), Time(8), Attributes(fields, 9), resource)
        {
            IsError = status is { Length: > 0 } && status[0] == 2,
        };

        string Hex(int number) => Convert.ToHexStringLower(fields.FirstOrDefault(field => field.Number == number).Bytes ?? []);

        ulong Time(int number) => BinaryPrimitives.ReadUInt64LittleEndian(fields.Single(field => field.Number == number).Bytes);
    }

    private static Dictionary<string, string> Attributes(IEnumerable<(int Number, byte[] Bytes)> fields, int number)
        => fields.Where(field => field.Number == number).Select(field => Fields(field.Bytes)).ToDictionary(
            pair => System.Text.Encoding.UTF8.GetString(pair.Single(field => field.Number == 1).Bytes), pair => Value(Fields(pair.Single(field => field.Number == 2).Bytes).Single()));

    private static string Value((int Number, byte[] Bytes) value) => value.Number switch
    {
        3 => new CodedInputStream(value.Bytes).ReadInt64().ToString(CultureInfo.InvariantCulture),
        5 => string.Join(",", Fields(value.Bytes).Select(item => Value(Fields(item.Bytes).Single()))),
        _ => System.Text.Encoding.UTF8.GetString(value.Bytes),
    };

    // The fields of a message; numbers as they are on the wire.
    private static List<(int Number, byte[] Bytes)> Fields(byte[] message)
    {
        var (input, fields) = (new CodedInputStream(message), new List<(int, byte[])>());
        uint tag;
        while ((tag = input.ReadTag()) != 0)
        {
            var start = input.Position;
            switch (WireFormat.GetTagWireType(tag))
            {
                case WireFormat.WireType.LengthDelimited:
                    fields.Add((WireFormat.GetTagFieldNumber(tag), input.ReadBytes().ToByteArray()));
                    continue;
                case WireFormat.WireType.Varint:
                    input.ReadUInt64();
                    break;
                case WireFormat.WireType.Fixed64:
                    input.ReadFixed64();
                    break;
                default:
                    input.ReadFixed32();
                    break;
            }

            fields.Add((WireFormat.GetTagFieldNumber(tag), message[(int)start..(int)input.Position]));
        }

        return fields;
    }
}

internal sealed record CollectedSpan(
    string Trace, string Id, string Parent, string Name, ulong Start, ulong End, IReadOnlyDictionary<string, string> Attributes, IReadOnlyDictionary<string, string> Resource)
{
    public bool IsError { get; init; }
}
