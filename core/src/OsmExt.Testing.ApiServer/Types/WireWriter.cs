using System.Text;

namespace OsmExt.Testing.ApiServer.Types;

/// <summary>Writes the fields of a protobuf message.</summary>
internal sealed class WireWriter
{
    private readonly List<byte> _output = [];

    public byte[] ToArray() => [.. _output];

    /// <summary>A text; nothing where there is none.</summary>
    public void Text(int number, string? text)
    {
        if (text is not null)
        {
            Bytes(number, Encoding.UTF8.GetBytes(text));
        }
    }

    public void Number(int number, ulong value)
    {
        Varint((ulong)number << 3);
        Varint(value);
    }

    public void Message(int number, Action<WireWriter> write)
    {
        var message = new WireWriter();
        write(message);
        Bytes(number, message.ToArray());
    }

    private void Bytes(int number, byte[] bytes)
    {
        Varint(((ulong)number << 3) | 2);
        Varint((ulong)bytes.Length);
        _output.AddRange(bytes);
    }

    private void Varint(ulong value)
    {
        for (; value > 127; value >>= 7)
        {
            _output.Add((byte)(value | 128));
        }

        _output.Add((byte)value);
    }
}
