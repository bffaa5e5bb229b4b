namespace OsmExt.LocalRuntime.Processes;

/// <summary>A supervised process at one moment.</summary>
/// <param name="Name">Its name in the mesh.</param>
/// <param name="Pid">Its number; 0 while it does not run.</param>
/// <param name="Restarts">How often it was started again.</param>
/// <param name="LastExit">How it ended last: an exit code, 128 + the signal's number after a signal; null when it never did.</param>
/// <param name="LastEnded">When that was.</param>
internal sealed record ProcessStatus(string Name, int Pid, int Restarts, int? LastExit, DateTimeOffset? LastEnded);
