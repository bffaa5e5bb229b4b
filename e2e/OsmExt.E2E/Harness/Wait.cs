namespace OsmExt.E2E;

/// <summary>Waits for what other processes bring about.</summary>
internal static class Wait
{
    private const double Generous = 30;

    /// <summary>Asks again until the answer is good.</summary>
    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> UntilAsync(Func<Task<bool>> condition, string what, double seconds = Generous)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start).TotalSeconds < seconds, $"Waited {seconds} s in vain: {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        return TimeProvider.System.GetElapsedTime(start);
    }

    public static Task<TimeSpan> UntilAsync(Func<bool> condition, string what, double seconds = Generous)
        => UntilAsync(() => Task.FromResult(condition()), what, seconds);

    /// <summary>Asks until the answer is the expected one; a wait in vain tells the last answer.</summary>
    public static async Task<TimeSpan> ForAsync<T>(T expected, Func<Task<T>> ask, double seconds = Generous)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (await ask() is var answer && !Equals(answer, expected))
        {
            if (TimeProvider.System.GetElapsedTime(start).TotalSeconds > seconds)
            {
                Assert.Equal(expected, answer);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }

        return TimeProvider.System.GetElapsedTime(start);
    }
}
