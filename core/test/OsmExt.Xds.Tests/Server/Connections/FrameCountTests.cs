using OsmExt.Tests.Shared;
using System.Buffers;
using Microsoft.Extensions.Time.Testing;
using OsmExt.Xds.Server.Connections;
using OsmExt.Xds.Tests.Hostile;

namespace OsmExt.Xds.Tests.Server.Connections;

public sealed class FrameCountTests
{
    private const int Burst = 10;
    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public void Frames_are_counted_however_they_are_cut(int piece)
    {
        byte[] bytes = [.. Http2Frames.Preface, .. Enumerable.Repeat(RawFrames.Data(300), 20).SelectMany(frame => frame), .. Enumerable.Repeat(RawFrames.Ping, Burst).SelectMany(frame => frame)];
        var count = New();
        Assert.True(Follow(count, bytes, piece));
        Assert.False(Follow(count, RawFrames.Ping, piece));
    }

    [Fact]
    public void Content_is_free_and_what_looks_like_frames_in_it_is_none()
    {
        var count = New();
        Assert.True(Follow(count, [.. Http2Frames.Preface], 4096));
        byte[] payload = [.. Enumerable.Repeat(RawFrames.Ping, 200).SelectMany(frame => frame)];
        Assert.True(Follow(count, [.. Http2Frames.Header(payload.Length, 0, 0, 1), .. payload], 100));
        Assert.True(Follow(count, RawFrames.Ping, 100));
    }

    [Fact]
    public void Who_reads_much_may_say_so_often_but_empty_frames_count()
    {
        var count = New();
        Assert.True(Follow(count, [.. Http2Frames.Preface, .. Enumerable.Repeat(RawFrames.WindowUpdate, 900).SelectMany(frame => frame)], 4096));
        count = New();
        Assert.False(Follow(count, [.. Http2Frames.Preface, .. Enumerable.Repeat(RawFrames.Data(0), Burst + 1).SelectMany(frame => frame)], 4096));
    }

    [Fact]
    public void Time_makes_up_for_frames()
    {
        var count = New();
        Assert.True(Follow(count, [.. Http2Frames.Preface], 4096));
        for (var second = 0; second < 100; second++)
        {
            Assert.True(Follow(count, [.. Enumerable.Repeat(RawFrames.Ping, 5).SelectMany(frame => frame)], 4096));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private static bool Follow(FrameCount count, byte[] bytes, int piece)
    {
        var isRight = true;
        foreach (var part in bytes.Chunk(piece))
        {
            isRight &= count.Follow(new ReadOnlySequence<byte>(part));
        }

        return isRight;
    }

    private FrameCount New() => new(perSecond: 5, Burst, _clock);
}
