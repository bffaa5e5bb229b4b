using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace OsmExt.Fleet.Wire;

/// <summary>Bytes to be written, in a buffer that is only held while there are any.</summary>
internal sealed class Output
{
    private const int LengthDelimited = 2;
    private byte[] _buffer = [];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Length);

    public void Clear()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            (_buffer, Length) = ([], 0);
        }
    }

    public void Byte(byte value) => Reserve(1)[0] = value;

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    public void Int32(int value) => BinaryPrimitives.WriteInt32BigEndian(Reserve(sizeof(int)), value);

    public void Int16(int value) => BinaryPrimitives.WriteInt16BigEndian(Reserve(sizeof(short)), (short)value);

    public void Varint(ulong value)
    {
        for (; value > 0x7F; value >>= 7)
        {
            Byte((byte)(value | 0x80));
        }

        Byte((byte)value);
    }

    /// <summary>A string field; nothing when it is empty.</summary>
    public void Text(int field, string text)
    {
        if (text.Length > 0)
        {
            Head(field, Encoding.UTF8.GetByteCount(text));
            Encoding.UTF8.GetBytes(text, Reserve(Encoding.UTF8.GetByteCount(text)));
        }
    }

    /// <summary>The tag and length of a field with a length.</summary>
    public void Head(int field, int length)
    {
        Varint((ulong)((field << 3) | LengthDelimited));
        Varint((ulong)length);
    }

    public void Number(int field, ulong value)
    {
        Varint((ulong)(field << 3));
        Varint(value);
    }

    /// <summary>How many bytes a string field takes.</summary>
    public static int SizeOf(string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        return bytes == 0 ? 0 : 1 + VarintSize(bytes) + bytes;
    }

    public static int VarintSize(int value)
    {
        var size = 1;
        for (var rest = (uint)value >> 7; rest > 0; rest >>= 7)
        {
            size++;
        }

        return size;
    }

    private Span<byte> Reserve(int count)
    {
        if (Length + count > _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(256, Math.Max(Length + count, _buffer.Length * 2)));
            _buffer.AsSpan(0, Length).CopyTo(larger);
            if (_buffer.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
            }

            _buffer = larger;
        }

        Length += count;
        return _buffer.AsSpan(Length - count, count);
    }
}
