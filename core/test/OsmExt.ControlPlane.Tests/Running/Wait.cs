namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>Waits for what must come, with a bound that matters only when a test fails.</summary>
internal static class Wait
{
    public static TimeSpan Bound { get; } = TimeSpan.FromSeconds(30);

    public static Task UntilAsync(Func<bool> condition, Func<string> describe) => UntilAsync(() => Task.FromResult(condition()), describe);

    public static async Task UntilAsync(Func<Task<bool>> condition, Func<string> describe)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Bound)
            {
                throw new TimeoutException($"It did not happen within {Bound}: {describe()}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
        }
    }
}
