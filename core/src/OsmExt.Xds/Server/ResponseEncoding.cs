using System.Buffers;
using System.Text;
using Grpc.Core;
using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Server;

/// <summary>
/// Writes a response as <c>DiscoveryResponse</c> or <c>DeltaDiscoveryResponse</c>. The resources are bytes already and are
/// copied to the transport as they are; only the few fields around them are encoded here.
/// </summary>
internal sealed class ResponseEncoding(string controlPlane)
{
    // version_info and system_version_info, type_url, nonce and resources have the same numbers in both messages.
    private const int Version = 1;
    private const int TypeUrl = 4;
    private const int Nonce = 5;
    private const int SotwControlPlane = 6;
    private const int DeltaControlPlane = 7;
    private const int DeltaRemoved = 6;
    private const int ControlPlaneIdentifier = 1;

    private readonly byte[] _controlPlane = controlPlane.Length == 0 ? [] : Message(ControlPlaneIdentifier, controlPlane);

    public int Size(XdsResponse response)
    {
        var size = FieldSize(response.Version) + FieldSize(response.TypeUrl) + FieldSize(response.Nonce) + FieldSize(_controlPlane.Length);
        var delta = response.Variant == XdsVariant.Delta;
        foreach (var resource in response.Resources)
        {
            size += (delta ? resource.DeltaField : resource.SotwField).Length;
        }

        foreach (var name in response.Removed)
        {
            size += RepeatedSize(Encoding.UTF8.GetByteCount(name));
        }

        return size;
    }

    public void Write(XdsResponse response, SerializationContext context)
    {
        response.EncodedSize = Size(response);
        context.SetPayloadLength(response.EncodedSize);
        Write(response, context.GetBufferWriter());
        context.Complete();
    }

    public void Write(XdsResponse response, IBufferWriter<byte> output)
    {
        var delta = response.Variant == XdsVariant.Delta;
        WriteText(output, Version, response.Version);
        WriteText(output, TypeUrl, response.TypeUrl);
        WriteText(output, Nonce, response.Nonce);
        if (_controlPlane.Length > 0)
        {
            WriteHead(output, delta ? DeltaControlPlane : SotwControlPlane, _controlPlane.Length);
            output.Write(_controlPlane);
        }

        foreach (var resource in response.Resources)
        {
            output.Write((delta ? resource.DeltaField : resource.SotwField).Span);
        }

        foreach (var name in response.Removed)
        {
            WriteRepeated(output, DeltaRemoved, name);
        }
    }

    private static byte[] Message(int field, string text)
    {
        var buffer = new ArrayBufferWriter<byte>();
        WriteText(buffer, field, text);
        return buffer.WrittenSpan.ToArray();
    }

    private static int FieldSize(string text) => FieldSize(Encoding.UTF8.GetByteCount(text));

    // Proto3 leaves out what is empty, except in repeated fields.
    private static int FieldSize(int length) => length == 0 ? 0 : RepeatedSize(length);

    private static int RepeatedSize(int length) => 1 + VarintSize(length) + length;

    private static int VarintSize(int value)
    {
        var size = 1;
        for (var rest = (uint)value >> 7; rest > 0; rest >>= 7)
        {
            size++;
        }

        return size;
    }

    private static void WriteText(IBufferWriter<byte> output, int field, string text)
    {
        if (text.Length > 0)
        {
            WriteRepeated(output, field, text);
        }
    }

    private static void WriteRepeated(IBufferWriter<byte> output, int field, string text)
    {
        WriteHead(output, field, Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, output);
    }

    private static void WriteHead(IBufferWriter<byte> output, int field, int length)
    {
        const int LengthDelimited = 2;
        var head = output.GetSpan(1 + sizeof(ulong));
        var at = 0;
        head[at++] = (byte)((field << 3) | LengthDelimited);
        var rest = (uint)length;
        for (; rest > 0x7F; rest >>= 7)
        {
            head[at++] = (byte)(rest | 0x80);
        }

        head[at++] = (byte)rest;
        output.Advance(at);
    }
}
